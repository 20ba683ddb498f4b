"""Who may open the pages of `catalogue`."""

DOORS: dict[str, str] = {
    "catalogue.list_rewards": "manager",
    "catalogue.add_reward": "manager",
    "catalogue.preview_reward": "manager",
    "catalogue.show_reward": "manager",
    "catalogue.switch_reward": "manager",
    "catalogue.move_reward": "manager",
    "catalogue.set_picture": "manager",
    "catalogue.remove_picture": "manager",
    "catalogue.add_codes": "manager",
    "catalogue.remove_codes": "manager",
    "catalogue.list_promotions": "manager",
    "catalogue.add_promotion": "manager",
    "catalogue.preview_promotion": "manager",
    "catalogue.show_promotion": "manager",
    "catalogue.stop_promotion": "manager",
    "catalogue.start_again": "manager",
    "catalogue.give_reward": "manager",
    "catalogue.withdraw": "manager",
}
