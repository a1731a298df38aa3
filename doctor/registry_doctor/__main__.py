"""Entry point of ``registry-doctor``, which also stands for ``python -m registry_doctor``."""

from registry_model import console


def main() -> None:
    console.start("registry_doctor.cli", "registry-doctor", "doctor")


if __name__ == "__main__":
    main()
