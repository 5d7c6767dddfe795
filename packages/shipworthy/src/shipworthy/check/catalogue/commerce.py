"""Payments and messages: what has to be paid, mailed or told over the network."""

THREAD = "anyio.to_thread.run_sync"
ADYEN = "~payments ~payments_details ~payment_methods ~sessions ~refund_captured_payment ~payout"
BRAINTREE = {
    "Transaction": "sale find refund search void submit_for_settlement",
    "Customer": "create find update delete",
    "Subscription": "create cancel find update",
    "PaymentMethod": "create find update delete",
    "ClientToken": "generate",
}
GATEWAY = "~sale ~find ~refund ~search ~void ~submit_for_settlement ~create ~update ~delete ~cancel ~generate"
PAYPAL = ("Payment", "Order", "Sale", "Payout", "BillingPlan", "BillingAgreement")
RECORD = "create execute find all cancel refund capture update send"
SQUARE = "~create ~get ~list ~search ~update ~delete ~complete ~cancel ~refund_payment"
OLD_SQUARE = (
    "~create_payment ~list_payments ~get_payment ~refund_payment ~create_customer ~create_payment_link "
    "~search_orders ~create_order"
)
FUNCTIONS = {
    **{f"braintree.{kind}.{name}": THREAD for kind, names in BRAINTREE.items() for name in names.split()},
    **{f"paypalrestsdk.{kind}.{name}": THREAD for kind in PAYPAL for name in ("find", "all")},
    **{
        f"paystackapi.transaction.Transaction.{name}": THREAD
        for name in ("initialize", "verify", "charge", "list", "get")
    },
}
METHODS = {
    "mercadopago.SDK": ("~create ~get ~search ~update ~delete ~capture ~refund", THREAD),
    "braintree.BraintreeGateway": (GATEWAY, THREAD),
    **{
        f"paypalrestsdk.{kind}": (RECORD, THREAD)
        for kind in PAYPAL
    },
    "square.Square": (SQUARE, "square.AsyncSquare"),
    "square.client.Client": (OLD_SQUARE, THREAD),
    "plaid.api.plaid_api.PlaidApi": ("*", THREAD),
    "midtransclient.Snap": ("* ~status ~cancel ~approve ~expire ~refund", THREAD),
    "midtransclient.CoreApi": ("* ~status ~cancel ~approve ~expire ~refund", THREAD),
    "mollie.api.client.Client": ("~create ~get ~list ~update ~delete", THREAD),
    "gocardless_pro.Client": ("~create ~get ~list ~all ~update ~cancel ~complete", THREAD),
    "Adyen.Adyen": (ADYEN, THREAD),
    "iyzipay.Payment": ("create retrieve", THREAD),
    "iyzipay.CheckoutFormInitialize": ("create retrieve", THREAD),
    "iyzipay.CheckoutForm": ("create retrieve", THREAD),
    "vonage.Vonage": ("~send ~start_verification ~check_code ~create_call", THREAD),
    "plivo.RestClient": ("~create ~get ~list ~update ~delete", THREAD),
    "messagebird.Client": ("*", THREAD),
    "africastalking.SMS": ("send fetch_messages", THREAD),
    "discord_webhook.DiscordWebhook": ("execute edit delete", "discord_webhook.AsyncDiscordWebhook"),
    "yagmail.SMTP": ("send login", "aiosmtplib.send"),
    "redmail.EmailSender": ("send", "aiosmtplib.send"),
    "mailjet_rest.Client": ("~create ~get ~update ~delete", THREAD),
}  # fmt: skip
