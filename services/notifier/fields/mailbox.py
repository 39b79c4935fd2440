"""Mail addresses, checked once when they are entered, as SMTP commands are built from them."""

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254
"""Characters of an address (RFC 5321, section 4.5.3.1.3, less its brackets)."""


def mailbox(text: str) -> str:
    """Return an address in the form that SMTP takes: ASCII, with an international domain in its encoding.

    Whether it takes mail is known when mail is sent. Names without a dot are allowed: an intranet has them.

    Raises:
        ValueError: it is no such address; the text says why.

    """
    try:
        found = validate_email(
            text, check_deliverability=False, globally_deliverable=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    if found.ascii_email is None:
        raise ValueError("The part before the @ must be plain ASCII: few servers take anything else.")
    if len(found.ascii_email) > MAX_LENGTH:
        raise ValueError(f"An e-mail address has at most {MAX_LENGTH} characters.")
    return found.ascii_email


def inbox(address: str) -> str:
    """Return what is one for all addresses of a mailbox: what follows a plus sign only sorts its mail."""
    local, _, domain = identity(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def identity(address: str) -> str:
    """Return one spelling of an address for comparison: servers ignore case."""
    return address.lower()
