"""Certificates for tests, made by the `openssl` command. What is asked for twice is made once a session.

    server = certificates.server()                    # issued by intermediate(), which root() issued
    server.chain, server.key                          # for certfile and keyfile
    certificates.client_context(root=certificates.root())  # a client that trusts what root() vouches for
"""

import atexit
import datetime
import functools
import itertools
import pathlib
import shutil
import ssl
import subprocess
import tempfile

PASSPHRASE = "open sesame"
SERVER_NAMES = ("localhost", "127.0.0.1")

KINDS_OF_KEYS = {
    "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "weak rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],  # below OpenSSL's security level 2
    "ed25519": ["-algorithm", "ED25519"],
}

# `openssl ca` is the one command of OpenSSL 3.0 that takes a beginning and an end.
CONFIGURATION = """
[ca]
default_ca = tests
[tests]
new_certs_dir = {folder}
database = {folder}/index.txt
unique_subject = no
policy = anything
default_md = default
rand_serial = yes
x509_extensions = extensions
[anything]
countryName = optional
organizationName = optional
commonName = optional
[extensions]
{extensions}
"""

KEY_IDENTIFIERS = ("subjectKeyIdentifier = hash", "authorityKeyIdentifier = keyid")

numbers = itertools.count(1)


@functools.lru_cache(maxsize=None)
def folder():
    made = pathlib.Path(tempfile.mkdtemp(prefix="gn-certificates-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def openssl(*arguments):
    ended = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert ended.returncode == 0, (arguments, ended.stderr.decode())
    return ended.stdout.decode()


class Party:
    """Somebody with a key and a certificate, and who issued it: None issued it itself. Everything is the path of a file."""

    def __init__(self, stem, issuer):
        self.stem = stem
        self.issuer = issuer
        self.certificate = stem.with_suffix(".crt")
        self.key = stem.with_suffix(".key")

    @functools.cached_property
    def chain(self):
        """The certificate and those of its issuers without the root, as `certfile` wants them."""
        parties = [self]
        while parties[-1].issuer is not None and parties[-1].issuer.issuer is not None:
            parties.append(parties[-1].issuer)
        return self._joined(".chain.pem", *(party.certificate for party in parties))

    @functools.cached_property
    def chain_and_key(self):
        return self._joined(".all.pem", self.chain, self.key)

    @functools.cached_property
    def key_and_chain(self):
        return self._joined(".key-first.pem", self.key, self.chain)

    @functools.cached_property
    def encrypted_key(self):
        """Its passphrase is PASSPHRASE."""
        path = self.stem.with_suffix(".encrypted.key")
        openssl("pkey", "-in", self.key, "-aes256", "-passout", "pass:" + PASSPHRASE, "-out", path)
        return path

    @functools.cached_property
    def der_certificate(self):
        path = self.stem.with_suffix(".der")
        openssl("x509", "-in", self.certificate, "-outform", "DER", "-out", path)
        return path

    @functools.cached_property
    def der_key(self):
        path = self.stem.with_suffix(".key.der")
        openssl("pkey", "-in", self.key, "-outform", "DER", "-out", path)
        return path

    @functools.cached_property
    def pkcs12(self):
        path = self.stem.with_suffix(".p12")
        openssl(
            *("pkcs12", "-export", "-in", self.certificate, "-inkey", self.key),
            *("-passout", "pass:" + PASSPHRASE, "-out", path),
        )
        return path

    @property
    def serial(self):
        """In upper-case hexadecimal digits."""
        return openssl("x509", "-in", self.certificate, "-noout", "-serial").strip().partition("=")[2]

    def _joined(self, suffix, *paths):
        path = self.stem.with_suffix(suffix)
        path.touch(mode=0o600)
        path.write_text("".join(one.read_text() for one in paths))
        return path


def issue(subject, issuer=None, *, key="ec", begins=-1, ends=365, extensions=("basicConstraints = critical, CA:FALSE",)):
    """A new party. `subject` as in "/O=Tests/CN=name"; it is valid from `begins` to `ends`, in days from now."""
    stem = folder() / ("%03d" % next(numbers))
    party = Party(stem, issuer)
    signer = issuer or party
    configuration = stem.with_suffix(".cnf")
    configuration.write_text(CONFIGURATION.format(folder=folder(), extensions="\n".join(extensions)))
    (folder() / "index.txt").touch()
    openssl("genpkey", *KINDS_OF_KEYS[key], "-out", party.key)
    request = stem.with_suffix(".csr")
    openssl("req", "-new", "-utf8", "-subj", subject, "-key", party.key, "-out", request)
    openssl(
        *("ca", "-batch", "-notext", "-utf8", "-preserveDN", "-config", configuration, "-in", request),
        *("-keyfile", signer.key, *(["-cert", issuer.certificate] if issuer else ["-selfsign"])),
        *("-startdate", _moment(begins), "-enddate", _moment(ends), "-out", party.certificate),
    )
    return party


def _moment(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


@functools.lru_cache(maxsize=None)
def authority(name, issuer=None):
    extensions = ("basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign, cRLSign", *KEY_IDENTIFIERS)
    return issue("/O=Tests/CN=" + name, issuer, extensions=extensions, ends=3650)


def root():
    return authority("Root")


def intermediate():
    return authority("Intermediate", root())


@functools.lru_cache(maxsize=None)
def server(names=SERVER_NAMES, *, issuer="intermediate", key="ec", begins=-1, ends=365, usage="serverAuth"):
    """`names`: of hosts, or addresses. `issuer`: a Party, "intermediate", or None for a self-signed certificate."""
    extensions = [
        "basicConstraints = critical, CA:FALSE",
        *KEY_IDENTIFIERS[: 2 if issuer else 1],
        "subjectAltName = " + ", ".join("%s:%s" % ("IP" if name[-1].isdigit() else "DNS", name) for name in names),
        *(["extendedKeyUsage = " + usage] if usage else []),
    ]
    signer = intermediate() if issuer == "intermediate" else issuer
    return issue("/O=Tests/CN=" + names[0], signer, key=key, begins=begins, ends=ends, extensions=extensions)


def self_signed(**options):
    return server(issuer=None, **options)


def expired():
    return server(begins=-90, ends=-1)


@functools.lru_cache(maxsize=None)
def client(name="alice", *, issuer=None, key="ec", begins=-1, ends=365):
    """Issued by `issuer`, by root() when none is named."""
    extensions = ("basicConstraints = critical, CA:FALSE", *KEY_IDENTIFIERS, "extendedKeyUsage = clientAuth")
    return issue("/C=DE/O=Tests, Inc/CN=" + name, issuer or root(), key=key, begins=begins, ends=ends, extensions=extensions)


def client_context(root=None, client=None):
    """An ssl.SSLContext for clients that trust `root` (None: anybody) and show the certificate of `client`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if root is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(root.certificate)
    if client is not None:
        context.load_cert_chain(client.chain, client.key)
    return context
