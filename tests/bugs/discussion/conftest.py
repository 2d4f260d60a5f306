"""Files to attach, and where they go."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
def shelf(settings: Any, tmp_path: Path) -> Path:
    """Where attachments are stored."""
    folder = tmp_path / "attachments"
    settings.STORAGES = {
        **settings.STORAGES,
        "attachments": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        },
    }
    return folder


@pytest.fixture
def attach(api: Callable[..., Any], bug: Any, shelf: Path) -> Callable[..., Any]:
    """Upload a file as one of the cast."""

    def upload(
        content: bytes = PNG, name: str = "shot.png", declared: str = "image/png", *, by: str = "bob", query: str = ""
    ) -> Any:
        file = SimpleUploadedFile(name, content, content_type=declared)
        return api(by).post(f"/api/v1/bugs/{bug.pk}/attachments/{query}", {"file": file}, format="multipart")

    return upload
