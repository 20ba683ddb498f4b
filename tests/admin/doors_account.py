"""An operator's own sign-in, and the list of operators."""

DOORS = {
    "admin_account.sign_in": "anybody",
    "admin_account.second_step": "anybody",
    "admin_account.sign_out": "anybody",
    "admin_account.confirm": "operator",
    "admin_account.mine": "operator",
    "admin_account.start": "operator",
    "admin_operators.show": "administrator",
    "admin_operators.change": "administrator",
    "admin_operators.stop": "administrator",
    "admin_operators.trail": "administrator",
}
