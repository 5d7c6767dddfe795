"""Text from outside, made safe and comparable before anything else sees it."""

import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from email_validator import EmailNotValidError, validate_email

# Tab, newline and carriage return are text; PostgreSQL refuses NUL, terminals obey the others.
LINE_BREAKS = frozenset("\t\n\r")


def has_control_characters(text: str, allowed: frozenset[str] = frozenset()) -> bool:
    """Whether text carries C0 or C1 control characters other than the allowed ones."""
    return any(unicodedata.category(char) == "Cc" and char not in allowed for char in text)


def printable(text: str, length: int) -> str:
    """The text without control characters, cut to a length."""
    return "".join(char for char in text if unicodedata.category(char) != "Cc")[:length]


@lru_cache(maxsize=4096)
def network(host: str) -> str:
    """The address, or for IPv6 its /64, which is what one client is given (RFC 6177)."""
    try:
        address = ip_address(host)
    except ValueError:  # a UNIX socket, or a name that a test client made up
        return host
    return str(IPv6Network((address, 64), strict=False)) if isinstance(address, IPv6Address) else host


def parse_email(text: str) -> tuple[str, str]:
    """The address as it is shown and written to, and the canonical form that is unique.

    Full-width letters become plain ones (NFKC), the domain becomes ASCII (IDNA 2008), and the canonical form
    ignores case. Letters of other scripts before the ``@`` are refused: they can look like anybody's address.

    Raises:
        ValueError: this is no address a mail can be sent to.
    """
    try:
        address = validate_email(
            unicodedata.normalize("NFKC", text.strip()), check_deliverability=False, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise ValueError("not an email address") from error
    return address.normalized, f"{address.local_part.casefold()}@{address.ascii_domain}"
