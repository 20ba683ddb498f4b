"""Who may open the pages of what members say."""

DOORS: dict[str, str] = {
    "feedback.show_feedback": "manager",
    "feedback.answer_complaint": "manager",
    "feedback.close_complaint": "manager",
    "feedback.set_hours": "manager",
    "feedback.list_notices": "manager",
    "feedback.write_notice": "manager",
    "feedback.change_notice": "manager",
    "feedback.show_notice": "manager",
    "feedback.print_note": "manager",
    "feedback.send_notice": "manager",
    "feedback.drop_notice": "manager",
    "feedback.list_ideas": "manager",
    "feedback.switch_ideas": "owner",
    "feedback.decide_idea": "manager",
    "feedback.merge_idea": "manager",
}
