"""Entry point of ``registry-guard``, which also stands for ``python -m registry_guard``."""

from registry_model import console


def main() -> None:
    console.start("registry_guard.cli", "registry-guard", "guard")


if __name__ == "__main__":
    main()
