"""Programmes: the designer and its simulator."""

DOORS = {
    "programme.show_programmes": "manager",
    "programme.make_programme": "manager",
    "programme.change_details": "manager",
    "programme.move_programme": "manager",
    "programme.open_programme": "owner",
    "programme.close_programme": "owner",
    "programme.show_history": "manager",
    "programme.withdraw": "manager",
    "programme.design": "manager",
    "programme.preview": "manager",
    "programme.drop": "manager",
    "programme.publish": "manager",
    "programme.simulate": "manager",
    "programme.show_simulation": "manager",
    "programme.show_affected": "manager",
    "programme.call_off": "manager",
}
