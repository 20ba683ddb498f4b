"""Who may open the pages of what members are to a shop."""

DOORS: dict[str, str] = {
    "relations.show_relations": "manager",
    "relations.show_kind": "manager",
    "relations.list_dots": "manager",
    "relations.tell_member": "manager",
    "relations.draw_lines": "manager",
    "relations.name_groups": "manager",
    "relations.set_margin": "manager",
}
