// The reader's time zone, where the form does not name one yet.
const field = document.querySelector("[data-zone]");
if (field) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
