"""Support: who has that right, and administrators."""

DOORS = {
    "admin_support.list_questions": "support",
    "admin_support.show_question": "support",
    "admin_support.fill": "support",
    "admin_support.answer": "support",
    "admin_support.take": "support",
    "admin_support.close": "support",
    "admin_support.reopen": "support",
    "admin_support.show_templates": "support",
    "admin_support.save_template": "support",
}
