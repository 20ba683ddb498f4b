"""Who may open the pages about a shop's members."""

DOORS: dict[str, str] = {
    "members.list_members": "manager",
    "members.show_member": "manager",
    "members.correct_member": "manager",
    "members.undo_booking": "manager",
    "members.write_note": "manager",
    "members.drop_note": "manager",
    "members.call_member": "manager",
    "members.show_segments": "manager",
    "members.save_segment": "manager",
    "members.change_segment": "manager",
    "members.drop_segment": "manager",
    "members.show_export": "owner",
    "members.take_export": "owner",
    "members.list_imports": "owner",
    "members.upload_import": "owner",
    "members.show_import": "owner",
    "members.start_import": "owner",
    "members.undo_import": "owner",
    "members.drop_import": "owner",
}
