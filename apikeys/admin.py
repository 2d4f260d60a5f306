"""Operators see every key, can revoke it, and can ask what it would be allowed; a key's secret is never here."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apikeys import documents, operations, questions, selectors, services
from apikeys.models import ApiKey
from audit.actors import Principal
from bugs import selectors as people
from bugs.admin import gating
from bugs.admin.gating import Gated


class QuestionForm(forms.Form):
    """A call that a key might make."""

    operation = forms.ChoiceField()
    project = forms.ChoiceField(required=False, help_text="Without one, any project that allows it will do.")
    ip = forms.GenericIPAddressField(required=False, label="From the address")

    def __init__(self, key: ApiKey, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = selectors.principal_of(key, chosen_only=False).roles
        names = sorted(people.project_keys({*roles, *key.project_ids}).items(), key=lambda item: item[1])
        self.fields["operation"].choices = [(name, name) for name in operations.known()]  # type: ignore[attr-defined]
        self.fields["project"].choices = [("", "any"), *((str(pk), name) for pk, name in names)]  # type: ignore[attr-defined]


@admin.register(ApiKey)
class ApiKeyAdmin(Gated, admin.ModelAdmin[ApiKey]):
    sees = "self.read"
    list_display = ["name", "hint", "owner", "role", "permissions", "status", "expires_at", "last_used_at", "use_count"]
    list_filter = ["revoked_at", "role", "pepper_version"]
    list_select_related = ["owner"]
    search_fields = ["name", "=hint", "=owner__username"]
    ordering = ["-created_at"]
    show_full_result_count = False
    actions = ["revoke"]
    readonly_fields = [
        *("hint", "pepper_version", "created_by", "last_used_at", "use_count"),
        *("rotated_from", "replaced_at", "uses_since_replaced", "revoked_at", "revoked_by", "revoked_reason"),
    ]

    @admin.display(description="status")
    def status(self, key: ApiKey) -> str:
        return documents.status_of(key)

    @admin.action(description="Revoke for good", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        for key_id in ids:
            services.revoke(key_id, by=gating.principal(request), reason="Revoked in the console.")
        self.message_user(request, f"{len(ids)} revoked: they are refused within a second.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        why = path("<uuid:pk>/why/", self.admin_site.admin_view(self.why), name="apikeys_apikey_why")
        return [why, *super().get_urls()]

    def why(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Would this be allowed? The same rules as calls go by, each with what it says."""
        key = self.get_queryset(request).select_related("owner").filter(pk=pk).first()
        if key is None:
            raise Http404
        form = QuestionForm(key, request.POST or None)
        answer = questions.ask(key, **_asked(form)) if form.is_valid() else None
        context = {**self.admin_site.each_context(request), "title": "Would this be allowed?", "opts": self.opts}
        return TemplateResponse(
            request, "admin/apikeys/apikey/why.html", {**context, "key": key, "form": form, "answer": answer}
        )

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def gate(self, by: Principal) -> Q:
        return Q(owner=by.user_id)

    def project_of(self, row: ApiKey) -> None:
        """A key may be for several."""


def _asked(form: QuestionForm) -> dict[str, Any]:
    values = form.cleaned_data
    project = UUID(values["project"]) if values["project"] else None
    return {"operation": values["operation"], "project": project, "address": values["ip"] or None}
