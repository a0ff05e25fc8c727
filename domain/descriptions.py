"""Changes in words: what would be different, for cards, previews and lists."""

from dataclasses import dataclass
from itertools import islice

from domain import changes
from domain.import_jobs import unpack
from domain.model import Organization, Request
from domain.permissions import default_role, roles_of
from domain.ports import Transaction

SHOWN_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A change in words; every text is plain and must be escaped where it is shown.

    Args:
        title: the change as a short phrase in the infinitive: "invite ann@example.org as Developer".
        details: label, before ("" when there is none) and after.
        final: what of it cannot be undone, as a sentence, or "".
    """

    title: str
    details: tuple[tuple[str, str, str], ...] = ()
    final: str = ""


def role_name(organization: Organization, slug: str) -> str:
    """Return a role's name; a slug the preset does not know stays as it is."""
    role = roles_of(organization).get(slug)
    return role.name if role else slug


async def describe_request(tx: Transaction, request: Request) -> Description:
    """Return a stored request's change in words."""
    return await describe(tx, changes.from_json(request.change))


async def describe(tx: Transaction, change: changes.Change) -> Description:
    """Return a change in words, from what is true now."""
    match change:
        case changes.InvitePeople(lines=lines):
            return await _inviting(tx, lines)
        case changes.InviteFromFile(import_id=import_id, part=part):
            return await _from_file(tx, import_id, part)
        case (
            changes.ResendInvitation(invitation_id=invitation_id)
            | changes.RevokeInvitation(invitation_id=invitation_id)
            | changes.AcceptInvitation(invitation_id=invitation_id)
            | changes.DeclineInvitation(invitation_id=invitation_id)
            | changes.AdmitInvitee(invitation_id=invitation_id)
        ):
            return await _about_invitation(tx, change, invitation_id)
        case changes.JoinOrganization(email=email, name=name):
            role = default_role(tx.organization).name
            who = f"{name} ({email})" if name else email
            return Description(title=f"join as {role}: {who}", details=(("Role", "", role),))
        case (
            changes.ChangeRole()
            | changes.DeactivateMember()
            | changes.ActivateMember()
            | changes.LinkMember()
        ):
            return await _about_member(tx, change)
        case changes.SetPinging(pinged=pinged):
            return Description(title=f"turn approval messages {'on' if pinged else 'off'}")
        case changes.CreateDepartment(name=name):
            return Description(title=f"create the department {name}")
        case changes.RenameDepartment() | changes.RetireDepartment():
            return await _about_department(tx, change)
        case _:
            return _about_organization(tx.organization, change)


async def _inviting(tx: Transaction, lines: tuple[changes.InvitationLine, ...]) -> Description:
    within = any(line.departments for line in lines)
    known = await tx.departments.all(retired=True) if within else ()
    names = {department.id: department.name for department in known}

    def where(line: changes.InvitationLine) -> str:
        return ", ".join(names.get(one, "?") for one in line.departments)

    def said(line: changes.InvitationLine) -> str:
        role = role_name(tx.organization, line.role)
        return f"{role}, departments: {where(line)}" if line.departments else role

    if len(lines) == 1:
        (line,) = lines
        role = role_name(tx.organization, line.role)
        facts = (("Name", "", line.name), ("Role", "", role), ("Departments", "", where(line)))
        details = [fact for fact in facts if fact[2]]
        return Description(title=f"invite {line.email} as {role}", details=tuple(details))
    details = [(line.email, "", said(line)) for line in lines[:SHOWN_LINES]]
    if len(lines) > SHOWN_LINES:
        details.append((f"and {len(lines) - SHOWN_LINES} more", "", ""))
    return Description(title=f"invite {len(lines)} people", details=tuple(details))


async def _from_file(tx: Transaction, import_id: str, number: int) -> Description:
    job = await tx.imports.get(import_id)
    if job is None or number >= len(job.parts):
        return Description(title="invite people from a file that was erased since")
    part = job.parts[number]
    pieces = (await tx.blobs.pieces(job.review_blob, below=1)).values()
    lines = (one.line for piece in pieces for one in unpack(piece) if not one.code)
    first = islice((line for line in lines if line.role in part.roles), SHOWN_LINES)
    counts = [
        (role_name(tx.organization, role), "", f"{job.ready.get(role, 0):,} people") for role in part.roles
    ]
    people = [(line.email, "", role_name(tx.organization, line.role)) for line in first]
    left = part.count - len(people)
    more = [(f"and {left:,} more", "", "")] if left > 0 else []
    whom = "1 person" if part.count == 1 else f"{part.count:,} people"
    title = f"invite {whom} from the file {job.file_name}"
    return Description(title=title, details=(*counts, *people, *more))


_INVITATION_TITLES = {
    changes.ResendInvitation: "resend the invitation of {email}",
    changes.RevokeInvitation: "revoke the invitation of {email}",
    changes.AcceptInvitation: "accept the invitation of {email}",
    changes.DeclineInvitation: "decline the invitation of {email}",
    changes.AdmitInvitee: "let in {email}, who accepted an invitation as {role}",
}


async def _about_invitation(tx: Transaction, change: changes.Change, invitation_id: str) -> Description:
    invitation = await tx.invitations.get(invitation_id)
    if invitation is None:
        return Description(title="an invitation that is not known here")
    role = role_name(tx.organization, invitation.role)
    title = _INVITATION_TITLES[type(change)].format(email=invitation.email, role=role)
    final = ""
    if isinstance(change, changes.RevokeInvitation):
        final = "The link stops working; a new invitation can be sent."
    return Description(title=title, details=(("Role", "", role),), final=final)


async def _about_member(
    tx: Transaction,
    change: changes.ChangeRole | changes.DeactivateMember | changes.ActivateMember | changes.LinkMember,
) -> Description:
    member = await tx.members.get(change.member_id)
    if member is None:
        return Description(title="a member who is not known here")
    held = role_name(tx.organization, member.role)
    match change:
        case changes.ChangeRole(role=role):
            after = role_name(tx.organization, role)
            return Description(
                title=f"change the role of {member.name} from {held} to {after}",
                details=(("Role", held, after),),
            )
        case changes.DeactivateMember():
            return Description(
                title=f"deactivate {member.name} ({held})",
                details=(("Access", "active", "none"), ("Seat", "used", "free")),
            )
        case changes.ActivateMember():
            return Description(
                title=f"activate {member.name} again as {held}",
                details=(("Access", "none", "active"), ("Seat", "free", "used")),
            )
        case changes.LinkMember():
            return Description(
                title=f"confirm that this Slack user is {member.name} ({member.email}, {held})",
                details=(("Role they get", "", held),),
            )
    raise AssertionError("every member change is described")


async def _about_department(
    tx: Transaction, change: changes.RenameDepartment | changes.RetireDepartment
) -> Description:
    department = await tx.departments.get(change.department_id)
    name = department.name if department else "that is not known here"
    if isinstance(change, changes.RenameDepartment):
        return Description(
            title=f"rename the department {name} to {change.name}", details=(("Name", name, change.name),)
        )
    return Description(
        title=f"retire the department {name}", final="A retired department cannot be opened again."
    )


_FIELDS = {
    "name": "Name",
    "allowed_domains": "Domains invitations may go to",
    "approvals_channel": "Approvals channel",
    "audit_channel": "Audit channel",
    "seat_limit": "Seat limit",
    "plan": "Plan",
    "invoice_email": "Invoice address",
    "pending_holds_seat": "A pending invitation holds a seat",
}


def _about_organization(organization: Organization, change: changes.Change) -> Description:
    titles = {
        changes.ChangeSettings: "change the settings",
        changes.ChangeSubscription: "change the subscription",
        changes.ChangeSeatHolding: "change whether a pending invitation holds a seat",
        changes.ChangeApprovalRules: "change the rules of the approval policy",
    }
    details = tuple(
        (label, _shown(getattr(organization, name)), _shown(getattr(change, name)))
        for name, label in _FIELDS.items()
        if hasattr(change, name) and getattr(change, name) != getattr(organization, name)
    )
    return Description(title=titles[type(change)], details=details)


def _shown(value: object) -> str:
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case None | "" | ():
            return "none"
        case tuple():
            return ", ".join(str(one) for one in value)
        case _:
            return str(value)
