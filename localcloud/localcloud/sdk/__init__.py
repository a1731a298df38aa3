"""What an installed Pulumi SDK says about each served type, read from its own classes and cached as JSON.

``surface`` says what of an SDK is served, ``extract`` reads it (imports Pulumi, about a second), ``schema`` makes a
Pulumi package schema of it, ``cache`` keeps both in the user's cache directory, and ``description`` is what the
provider asks; the last two import no Pulumi.
"""
