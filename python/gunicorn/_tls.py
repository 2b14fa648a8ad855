"""What the native engine asks about connections of a Python TLS context (src/python/tls)."""

import ssl
import sys

from gunicorn import sock

# The short names of RFC 4514, section 3; other types have those that OpenSSL knows.
_NAME_TYPES = {
    "commonName": "CN",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "streetAddress": "street",
    "domainComponent": "DC",
    "userId": "UID",
    "surname": "SN",
    "givenName": "GN",
}
_SPECIAL = ',+"\\<>;'


def make_context(conf):
    """The context of this worker: what the hook `ssl_context` gives, ready for connections."""
    context = sock.ssl_context(conf)
    if not isinstance(context, ssl.SSLContext):
        raise TypeError("ssl_context returned %.100r, not an ssl.SSLContext" % (context,))
    _remember_server_names(context)
    return context


def _remember_server_names(context):
    """Notes on each connection which name its client asked for; a callback that is there is called as before."""
    chosen = context.sni_callback

    def remember(connection, name, initial_context):
        connection._gunicorn_server_name = name
        return chosen(connection, name, initial_context) if chosen is not None else None

    context.sni_callback = remember
    _exit_quietly(remember)


def _exit_quietly(callback):
    """A signal handler may raise SystemExit inside of the callback, where ssl can only report it. The handler has told the
    worker to stop before: there is nothing to report."""
    report = sys.unraisablehook

    def report_others(unraisable):
        if unraisable.object is not callback or not issubclass(unraisable.exc_type, SystemExit):
            report(unraisable)

    sys.unraisablehook = report_others


def open_connection(context):
    """(SSLObject, its incoming MemoryBIO, its outgoing one)."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    return context.wrap_bio(incoming, outgoing, server_side=True), incoming, outgoing


def facts(connection):
    """What the handshake settled, under the names that the environ has for it."""
    cipher, _, bits = connection.cipher()
    found = {
        "SSL_PROTOCOL": connection.version(),
        "SSL_CIPHER": cipher,
        "SSL_CIPHER_USEKEYSIZE": str(bits),
        "SSL_SESSION_RESUMED": "Resumed" if connection.session_reused else "Initial",
    }
    name = getattr(connection, "_gunicorn_server_name", None)
    if name is not None:
        found["SSL_TLS_SNI"] = name
    if connection.context.verify_mode != ssl.CERT_NONE:
        certificate = connection.getpeercert()
        found["SSL_CLIENT_VERIFY"] = "SUCCESS" if certificate else "NONE"
        if certificate:
            found.update(_certificate_facts(certificate, connection.getpeercert(binary_form=True)))
    return found


def _certificate_facts(certificate, der):
    return {
        "SSL_CLIENT_S_DN": _distinguished_name(certificate["subject"]),
        "SSL_CLIENT_I_DN": _distinguished_name(certificate["issuer"]),
        "SSL_CLIENT_M_SERIAL": certificate["serialNumber"],
        "SSL_CLIENT_V_START": certificate["notBefore"],
        "SSL_CLIENT_V_END": certificate["notAfter"],
        "SSL_CLIENT_CERT": ssl.DER_cert_to_PEM_cert(der),
    }


def _distinguished_name(names):
    """RFC 2253, section 2: the most specific name first. `names` is as getpeercert() has it."""
    return ",".join(
        "+".join("%s=%s" % (_NAME_TYPES.get(kind, kind), _escaped(value)) for kind, value in reversed(relative))
        for relative in reversed(names)
    )


def _escaped(value):
    """RFC 2253, section 2.4, in ASCII: other characters are the bytes of their UTF-8, as OpenSSL writes them."""
    text = "".join(
        "\\" + char if char in _SPECIAL
        else char if " " <= char <= "~"
        else "".join("\\%02X" % byte for byte in char.encode())
        for char in value
    )
    if text[:1] in (" ", "#"):
        text = "\\" + text
    if len(value) > 1 and text.endswith(" "):
        text = text[:-1] + "\\ "
    return text
