"""Addresses that mail may be sent to: checked once, where they come in, as what is sent to SMTP is not asked again."""

from email_validator import EmailNotValidError, validate_email

MOST = 254
"""Characters of an address (RFC 5321, section 4.5.3.1.3, less its brackets)."""


def mailbox(text: str) -> str:
    """Give an address in the form that SMTP takes: ASCII, an international domain in its encoding.

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
    if len(found.ascii_email) > MOST:
        raise ValueError(f"An e-mail address has at most {MOST} characters.")
    return found.ascii_email


def identity(address: str) -> str:
    """Give what is one for all spellings of an address: no server tells upper from lower case."""
    return address.lower()
