// Shows the OpenAPI document with Swagger UI, and lets the reader send requests to this instance.
"use strict";
const place = document.getElementById("api");
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

fetch(place.dataset.document)
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`the server answers ${answer.status}`))))
  .then((spec) => {
    // The page may send requests to its own origin only, whichever name the document gives to the instance.
    spec.servers = [{ url: location.origin + place.dataset.site }];
    SwaggerUIBundle({
      spec,
      domNode: place,
      deepLinking: true,
      docExpansion: "list",
      defaultModelsExpandDepth: -1,
      displayRequestDuration: true,
      filter: true,
      tagsSorter: (one, other) => (one === "health") - (other === "health"), // what operators read comes last
      tryItOutEnabled: true,
      validatorUrl: null,
    });
  })
  .catch((error) => {
    place.textContent = `The description of the API cannot be read: ${error.message}. Reload the page to try again.`;
  });
