"""Who may open the pages of campaigns."""

DOORS: dict[str, str] = {
    "campaigns.list_campaigns": "manager",
    "campaigns.new_campaign": "manager",
    "campaigns.change": "manager",
    "campaigns.count_audience": "manager",
    "campaigns.preview_words": "manager",
    "campaigns.show_mail": "manager",
    "campaigns.try_campaign": "manager",
    "campaigns.show_campaign": "manager",
    "campaigns.plan_campaign": "manager",
    "campaigns.take_back": "manager",
    "campaigns.stop_campaign": "manager",
    "campaigns.drop_campaign": "manager",
}
