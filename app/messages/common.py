"""The sentences for every refusal that is not of an area with a module of its own."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# `%(name)s` is filled from the error's params; a sentence names only params that its error always has.
SENTENCES: Mapping[str, LazyString] = {
    # The request itself
    "malformed": _l("The request can't be read. Check its form and send it again."),
    "json_unreadable": _l("The body is not readable JSON. Send UTF-8 JSON, whole."),
    "not_json": _l("Only JSON is understood here. Send it with Content-Type: application/json."),
    "body_too_large": _l("That is too large. At most 1 MiB is taken at a time."),
    "address_too_long": _l("The address is too long. Send what is long in the body."),
    "method_not_allowed": _l("That can't be done at this address. Check the method."),
    "unauthenticated": _l("This needs a valid token. Sign in, or pair the device, and try again."),
    "token_refused": _l("Your session is over. Sign in again."),
    "forbidden": _l("You may not do this. Ask somebody who may."),
    "not_found": _l("There is nothing here, or it is not yours to see. Check what you asked for."),
    "page_unknown": _l("This page does not exist. Check the address, or start from the beginning."),
    "invalid": _l("Something in it can't be taken. Mend the fields that are named and send it again."),
    "passwords_differ": _l("The two passwords are not the same. Type them again."),
    "key_missing": _l("This books something, so it needs an Idempotency-Key header. Make one up and send it again."),
    "key_unusable": _l("The Idempotency-Key can't be used. Send 1 to 255 visible ASCII characters."),
    "key_reused": _l("This Idempotency-Key was used for something else. Make a new key for a new booking."),
    "too_many": _l("Too many tries. Wait a moment and try again."),
    "fault": _l("We made a mistake, and we have noted it. Try again; with the same key nothing is booked twice."),
    "message_settled": _l("This message is not given up any more: somebody dealt with it. Look at the list again."),
    "shop_list_unreadable": _l(
        "This is no list that can be read; it ends at line %(line)s. Save it as CSV in UTF-8, with commas or"
        " semicolons, and name and email in the first line."
    ),
    "shop_list_too_long": _l("The list is too long: at most %(most)s lines and 1 MB. Cut it into several files."),
    "backup_under_way": _l("A backup is being made already. Wait for it to end."),
    "not_ready": _l("The service is not ready yet. Try again in a moment."),
    "error": _l("This can't be done now. Try again later."),
    "cursor_invalid": _l("This list does not go on from there. Start again without a cursor."),
    "invalid_amount": _l(
        "The amount can't be taken. Write it like 12.50, with no more decimals than %(currency)s has, up to 1,000,000."
    ),
    "basket_changed": _l("Somebody else changed the average basket meanwhile. Look at it and try again."),
    "closing_changed": _l("Somebody else changed these closing days meanwhile. Look at them and try again."),
    # Risk
    "risk_case_decided": _l("Somebody else has decided this case meanwhile. Look at what was decided."),
    "risk_reason_missing": _l("Say why in a few words. Whoever looks at it later wants to know."),
    "risk_act_not_possible": _l("That can't be done about this case. Choose something else."),
    "risk_limit_invalid": _l("A limit is a whole number, %(least)s or more. Mend it and try again."),
    "risk_limit_changed": _l("Somebody else has set these limits meanwhile. Look at them and try again."),
    "risk_nobody_to_ask": _l("There is no owner with an e-mail address to ask. Call the shop instead."),
    # Cards and codes
    "code_unreadable": _l("That is no card. Scan a Zegel card, or type its 16 characters."),
    "code_mistyped": _l("The number has an error in it. Compare it with the card and type it again."),
    "code_foreign": _l("That code is not one of ours. Ask for the Zegel card."),
    "card_unknown": _l("No card has this number. Compare it with the card, or ask for another one."),
    "card_blocked": _l("This card is blocked. Ask for a new one in the app; the balance stays."),
    "card_withdrawn": _l(
        "This card was withdrawn together with all others of its print run. "
        "What is on it stays: whoever runs the card moves it to a new one."
    ),
    "batch_size": _l("A batch has 1 to %(most)s cards. Order a second one for more."),
    "batch_not_ready": _l("This batch can't be printed: it is still being made, or it was disabled."),
    "batch_codes_gone": _l("The claim codes of this batch are destroyed. Order a new batch for more cards."),
    "card_replaced": _l("This card was replaced by another one. Use the new card; the balance is on it."),
    "card_has_no_secret": _l("A printed card has no changing code. Make a digital card in the app."),
    "card_not_printed": _l("This works with a printed card only. Use the number on a printed card."),
    "claim_refused": _l(
        "That did not work. Look at the number once more. A card that has earned asks for more than its number: "
        "the code under the scratch field, its PIN, or a shop that confirms it."
    ),
    "sign_in_failed": _l("That did not work: the code is wrong, or it is over. Ask for a new one and try again."),
    "sign_in_refused": _l("The address or the password is not right. Try again, or ask for a new password."),
    "second_step_refused": _l("The code is not right, or it was used already. Wait for the next one and try again."),
    "login_link_spent": _l("This link is over: it was used, or there is a newer one. Ask for another."),
    "last_owner": _l("Somebody must own the business. Give it another owner first."),
    "last_location": _l("This is your only open place. To stop altogether, use Leaving."),
    "staff_invitation_over": _l("This invitation is over. Ask the shop for another one."),
    "handover_open": _l("The business is being offered to somebody already. Call that off first."),
    "handover_over": _l("This offer is over. Ask the owner to make it again."),
    "session_over": _l("Your session is over. Sign in again."),
    "member_gone": _l("This member has left. Start anew with a new card."),
    "new_card_needed": _l("Nobody has this card in the app. Type the number of a new printed card to take its place."),
    "merge_changed": _l(
        "Something on these cards has changed meanwhile. Look again at what will move, and then join them."
    ),
    "merge_spent": _l("Something that came with the other card is spent already, so they can't be parted any more."),
    "merge_undone": _l("This was undone already. Nothing changed."),
    "pass_token_refused": _l("This card is not known to the wallet any more. Put it in the wallet again."),
    "pass_not_offered": _l("Cards can't be put in this wallet here. Show the card in the app."),
    "wallet_unreachable": _l(
        "The wallet's service does not answer now. Try again in a moment; the card in the app works."
    ),
    "tries_used_up": _l("Too many tries. Wait a moment and try again."),
    "code_used": _l("This code was used already. Open the app and show the card again."),
    "code_too_old": _l("This code is too old. Open the app itself and show the card again; a picture does not work."),
    "scan_over": _l("This scan is more than ten minutes old. Scan the card again."),
    "pin_invalid": _l("A PIN has four to eight digits. Choose another one."),
    "pin_already_set": _l("This card has a PIN already. Its member can change it in the app."),
    "pin_not_set": _l("This card has no PIN, so it can't be replaced here. Its member can do that in the app."),
    "new_card_used": _l("The new card belongs to somebody already. Take one that was never used."),
    "same_card": _l("Both are the same card. Scan the new one."),
    "visit_claim_over": _l("This visit was not claimed in time, so it was taken back. Show a card next time."),
    "pin_too_simple": _l("Everybody tries that PIN first. Choose one that is harder to guess."),
    "pin_wrong": _l("The PIN is not right. Try again, or approve it with a staff PIN."),
    "proof_needed": _l(
        "This card alone is not enough. Ask for the card in the app or its PIN, or approve it with a staff PIN."
    ),
    "approval_not_offered": _l(
        "This shop does not take that as proof. Ask for another one: the card in the app, its PIN, or a staff PIN."
    ),
    "manager_needed": _l("This shop wants a manager or the owner to approve. Let one of them type their staff PIN."),
    "card_swapped": _l("This card was swapped for a Zegel card. Use that one; the balance is on it."),
    "card_ambiguous": _l("Two cards that this shop takes have this number. Look the member up, or swap the card."),
    "spending_locked": _l("The member has locked spending. It can be unlocked in the member's own app."),
    "spending_unconfirmed": _l(
        "The member wants to be asked first. Wait until it is approved in the member's app, then try again."
    ),
    "spending_refused": _l("The member was asked in the app and said no. Choose something else."),
    "daily_cap_reached": _l("That is more than the member lets be spent on one day. The limit is set in the app."),
    "spending_waits": _l(
        "This phone was signed in by e-mail less than a day ago, so this has to wait."
        " Use a passkey, or confirm this phone on the one that you had before."
    ),
    "spending_request_over": _l("This question is over. Ask the shop to try again."),
    "passkeys_not_offered": _l("Passkeys don't work at this address. Sign in by e-mail."),
    "passkey_refused": _l("This passkey could not be checked. Try again."),
    "email_invalid": _l("That is no e-mail address. Check it and type it again."),
    "phone_invalid": _l("That is no telephone number. Write it with its country code."),
    "lookup_unknown": _l("Nobody can be found by that here. Ask for the card."),
    # Messages, invitations, feedback
    "setting_fixed": _l("That your address was changed is always mailed to the old one. It can't be switched off."),
    "push_not_offered": _l("This service sends no pushes. Look into the inbox in the app."),
    "invitation_own": _l("This is your own invitation. Send it to somebody else."),
    "invitation_customer": _l("You have collected at this shop before, so there is nothing to welcome you with."),
    "invitation_taken": _l("You have accepted another invitation to this shop. That one counts."),
    "invitation_over": _l("This shop gives nothing for invitations now. You can still collect there."),
    "feedback_given": _l("You have rated this visit already. What you said stays."),
    "feedback_over": _l("This visit can't be rated any more. Rate the next one."),
    "feedback_answered": _l("Somebody here has answered this already. Look at the list again."),
    # Booking
    "not_enough": _l(
        "The balance is not enough: it takes %(needed)s, and there are %(balance)s. Choose something else."
    ),
    "already_reversed": _l("That was undone already. Nothing more has to be done."),
    "not_reversible": _l("This booking can't be undone. Book what is right instead."),
    "refund_empty": _l("There is nothing to refund. Give an amount above zero."),
    "refund_too_large": _l("More is to be refunded than is left of that purchase. Give a smaller amount."),
    "refund_without_amount": _l("That visit had no amount, so it can only be undone as a whole. Leave the amount out."),
    "transaction_unknown": _l("There is no such booking at this shop. Check which one you meant."),
    "not_approved": _l("This shop is still on trial, so it sends no messages yet. They go out once it is approved."),
    "trial_visits_used_up": _l(
        "This shop is new and counts at most %(most)s visits a day for now. Today's are used up. Come back tomorrow."
    ),
    "trial_cards_used_up": _l(
        "Until the shop is approved it prints at most %(most)s cards; %(left)s of them are left. Ask for fewer."
    ),
    "sign_up_over": _l("This took too long, or the code was wrong too often. Begin anew; it takes a minute."),
    "shop_invitation_over": _l("This invitation is over: it was used, called off, or is too old."),
    "sign_up_code_wrong": _l("That is not the code. Look at the newest mail and type its six digits."),
    "somebody_was_faster": _l(
        "Somebody changed this while you were at it. Look at what it says now and make your change again."
    ),
    "merchant_inactive": _l(
        "This shop is not active now, so nothing is earned here. What members hold can be redeemed."
    ),
    "read_only": _l("You only look here. Nothing was changed."),
    "look_refused": _l("Whoever only looks in can't go here: it is the owner's own. Ask the owner to do it."),
    "consent_missing": _l("The shop has not allowed Zegel to act for it, or no more. Ask its owner first."),
    "merchant_state": _l("The shop stands otherwise than you thought. Look at its page again."),
    "merchant_closed": _l("This shop has stopped, so nothing new can be set up for it."),
    "currency_wrong": _l("The amount is in another currency than the shop's. Send the shop's currency."),
    "programme_unknown": _l("This shop has no such programme. Check which one you meant."),
    "too_far_ahead": _l("The time lies ahead of now. Check the device's clock."),
    "too_old": _l("This happened too long ago to be booked by itself. Ask the shop's owner to look at it."),
    "staff_needed": _l("Sign in with your staff PIN first. This shop wants to know who books."),
    "staff_unknown": _l("Whoever is said to have booked this never worked here. Ask the shop's owner to look at it."),
    "review_too_old": _l("This was booked more than three days before it came in. Approve it if it is right."),
    "review_too_far_ahead": _l("The tablet's clock was ahead. Set it, and approve this if it is right."),
    "review_code_too_old": _l("The app's code was not of that moment. Approve it if the customer was there."),
    "review_earning_paused": _l("Earning was paused when this was booked. Approve it when it goes on."),
    "review_code_used": _l("The app's code was used before. Look whether this is booked already, else approve it."),
    "review_scan_over": _l("It was booked long after the card was scanned. Approve it if it is right."),
    "review_staff_needed": _l("Nobody was signed in when this was booked. Approve it if it is right."),
    "review_staff_unknown": _l("Whoever booked this never worked here. Ask who it was, then approve or refuse it."),
    "review_decided": _l("Somebody has decided on this already. Look at the list again."),
    "limit_reached": _l("This card has earned here as often as it may for now. Try again later."),
    "kiosk_wait": _l("This card has had its visit. It earns here again from %(again)s on."),
    "opening_not_offered": _l("Old cards are not taken over in this programme. Nothing was booked."),
    "opening_too_much": _l("At most %(most)s of an old card can be entered here. Enter no more than that."),
    "opening_taken": _l("An old card was entered for this member before. It can be done once in each programme."),
    "training_already": _l("This device is practising already. Leave the training first."),
    # Rewards and vouchers
    "webhook_endpoint_disabled": _l("This address is switched off. Switch it on first."),
    "reward_unknown": _l("This shop has no such reward. Choose another one."),
    "reward_not_offered": _l("This reward can't be had now. Choose another one, or come back when it is on again."),
    "reward_elsewhere": _l("This reward belongs to another programme. Choose one of this programme."),
    "version_in_the_past": _l("Rules can't begin in the past. Choose a moment ahead."),
    "version_too_early": _l("Newer rules begin after that already. Choose a later moment."),
    "version_in_force": _l("These rules can't be called off any more. Publish other rules instead."),
    "simulation_over": _l("This calculation has ended already. Look at what it found, or start a new one."),
    "reward_sold_out": _l("None of this reward is left. Choose another one."),
    "reward_limit": _l("This member has had this reward as often as allowed. Choose another one."),
    "reward_tier": _l("This reward is for another tier. Choose another one."),
    # A shop's members
    "segment_name_taken": _l("Another list has this name already. Choose another name."),
    "segment_changed": _l("Somebody changed this list meanwhile. Look at it as it is now, then change it again."),
    "segment_in_use": _l("The reward %(reward)s is for this list alone. Change that reward first."),
    "segments_too_many": _l("A shop keeps at most %(most)s lists. Forget one that you no longer need."),
    "correction_too_large": _l(
        "That is more than you may give or take on one day: at most %(most)s. Ask the owner to do it."
    ),
    "adjustment_decided": _l("Somebody decided on that already, or it waited too long. Look at the list again."),
    "adjustment_own": _l("Nobody decides on what she asked for herself. Ask a colleague."),
    "import_unreadable": _l(
        "This file can't be read as a list. Save it as CSV with the column names in its first line."
    ),
    "import_too_long": _l("The list has more than %(most)s rows. Cut it into several files."),
    "import_columns": _l(
        "Say which column holds the card number, and for visits the date. A balance also needs a programme."
    ),
    "import_taken_over": _l("This list was taken over, so it can't be thrown away. Undo it instead."),
    "import_changed": _l("Somebody went on with this import meanwhile. Look at how it stands now."),
    "import_spent": _l(
        "%(members)s members have already used what came with this list, so it can't be undone as a whole any more."
        " Correct single balances instead."
    ),
    "reward_segment": _l("This reward is for other members of the shop. Choose another one."),
    "reward_place": _l("This reward is given at another location of the shop. Choose another one, or send them there."),
    "reward_online": _l("This reward is a code for the webshop. Its member finds it in the app, and uses it there."),
    "reward_codes_gone": _l("No code is left for this reward. The shop has to add some; ask there."),
    "reward_has_no_codes": _l("This reward has no codes. Show the voucher at the counter."),
    "codes_unreadable": _l(
        "That is no list of codes. Send one code a line, at most 50,000, each up to 100 characters."
    ),
    "picture_unreadable": _l("That is no picture that can be shown. Choose a JPEG, PNG or WebP file."),
    "picture_too_large": _l("That picture is too large. Choose one of at most 8 MB and 40 megapixels."),
    "changed_meanwhile": _l("Somebody else changed this meanwhile. Nothing of yours was saved: look at it again."),
    "voucher_unknown": _l("This shop knows no such voucher. Check the code."),
    "voucher_used": _l("This voucher was used already. Ask for another one."),
    "voucher_over": _l("This voucher is over or was cancelled. Ask for another one."),
    "voucher_held": _l(
        "This voucher is reserved for another tablet. Redeem it there, or end the reservation in the app first."
    ),
    "voucher_undecided": _l(
        "This voucher was handed out before, and somebody must still decide on that. Open the inbox, then try again."
    ),
    "voucher_reserved": _l(
        "This voucher is reserved for a shop's tablet. End the reservation first; the shop's tablet confirms it as soon"
        " as it has a network."
    ),
    "voucher_not_reserved": _l("This voucher is not reserved for a tablet. There is nothing to end."),
    "hold_over": _l("This reservation is over. Redeem again."),
    # Subscriptions and leaving
    "earning_paused": _l("Nothing can be earned here just now. What members hold can be redeemed as always."),
    "earning_over": _l("This shop is stopping, so nothing is earned here any more. What members hold can be redeemed."),
    "billing_off": _l("Nothing is paid for here, so there is nothing to do."),
    "billing_unreachable": _l("The payment service does not answer now. Nothing was changed. Try again in a moment."),
    "payment_refused": _l("The payment was refused. Nothing was changed. Use another card or account and try again."),
    "plan_unknown": _l("This plan is not offered any more. Choose another one."),
    "plan_too_small": _l("You have %(members)s active members, and this plan covers %(most)s. Choose a larger one."),
    "subscription_running": _l("You have a subscription already. Change its plan instead."),
    "subscription_missing": _l("There is no subscription to change. Choose a plan first."),
    "subscription_sponsored": _l("Somebody else pays for your shop, so there is nothing to pay."),
    "signature_refused": _l("This message can't be trusted, so it was not taken. Send it with a valid signature."),
    "details_changed": _l("Somebody else changed these details meanwhile. Look at them, then change them again."),
    "invoice_not_electronic": _l(
        "This invoice can't be given as an electronic one. Add your Belgian VAT number and address for the next one."
    ),
    "departure_too_soon": _l("Members must hear of it in time. Choose a day that is at least %(days)s days ahead."),
    "departure_window": _l("Members must have time to redeem. Leave between %(least)s and %(most)s days for it."),
    "departure_announced": _l("That you stop is announced already. Call it off first, then announce it anew."),
    "departure_frozen": _l("Earning has stopped already, so leaving can't be called off any more."),
    "departure_missing": _l("Nothing is announced, so there is nothing to call off."),
    # Shops, people, devices
    "pairing_code_unknown": _l("No such pairing code. Check it, or ask for a new one in the back office."),
    "pairing_code_spent": _l("This pairing code was used or is too old. Ask for a new one in the back office."),
    "device_revoked": _l("This device was unpaired. Pair it again with a new code."),
    "setup_link_spent": _l("This link was used or is too old. Ask for a new one."),
    "staff_pin_wrong": _l("Nobody here has this PIN. Try again."),
    "staff_pin_tries": _l("Too many wrong PINs on this device. Wait a moment and try again."),
    "staff_pin_taken": _l("Somebody here has this PIN already. Choose another one."),
    "staff_pin_invalid": _l("A staff PIN has four to eight digits and is hard to guess. Choose another one."),
    "staff_token_invalid": _l("Your turn at this till is over. Type your staff PIN again."),
    "announcement_out": _l("It has gone out already and can't be called back. Write another one that puts it right."),
    "brand_changed": _l("Somebody else has changed the brand meanwhile. Look at it and change it again."),
    "report_incomplete": _l("Choose what it is about and what is wrong with it."),
    "report_gone": _l("That is not shown any more. Thank you all the same."),
    "report_decided": _l("Somebody has decided on this report already. Load the list anew."),
    "reward_taken_down": _l(
        "This reward was taken down by whoever runs the card. Answer the mail about it if you disagree."
    ),
    "staff_exists": _l("This address belongs to somebody here already. Use another one."),
    "last_administrator": _l("Somebody must administer the platform. Give this right to somebody else first."),
    "operator_exists": _l("This address belongs to an operator already. Use another one."),
    "history_unreadable": _l("Line %(line)s of the file can't be read: %(reason)s. Mend it and try again."),
    "history_too_short": _l(
        "This history is too short to say anything. Give one with more days or more returning customers."
    ),
    "password_too_short": _l("The password is too short. Choose one with at least %(shortest)s characters."),
    "logo_refused": _l(
        "This drawing can't be used as a logo. Export it as a plain SVG without scripts, links or pictures."
    ),
    "opening_hours_invalid": _l("The opening hours can't be read. Check the entry that is named: %(path)s."),
    "invalid_rules": _l("The rules can't be taken as they are. Mend this place: %(path)s."),
    # The privacy desk and support
    "privacy_request_over": _l("This request is finished already. Nothing was changed."),
    "privacy_member_wanted": _l("First say whose data is meant, and how it was made sure who asks."),
    "privacy_no_address": _l("No address is known that she proved. Let her fetch the record in her app."),
    "privacy_link_over": _l("This link is over: it was used, or its time has run out. Ask for another."),
    "support_no_address": _l("There is no address to answer to. Who asked has left."),
    "support_taken": _l("A colleague took this question a moment ago. Look who has it now."),
    "support_placeholder_left": _l("Something in braces is still in the answer. Fill it in or take it out."),
}
