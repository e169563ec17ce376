"""The newsletter: letters from templates, and plain answers by the editor."""

import json
import time


class Newsletter:
    def __init__(self, ses, outputs):
        self.ses = ses
        self.senders = outputs["senders"]
        self.templates = outputs["templates"]
        self.configuration_set = outputs["configuration_set"]

    def send(self, template, recipient, name):
        """Send a letter from one of the templates; returns its message id."""
        return self.ses.send_templated_email(
            Source=self.senders["no-reply"],
            Destination={"ToAddresses": [recipient]},
            Template=self.templates[template],
            TemplateData=json.dumps({"name": name}),
            ConfigurationSetName=self.configuration_set,
        )["MessageId"]

    def answer(self, recipient, text, sender=None):
        return self.ses.send_email(
            Source=sender or self.senders["editor"],
            Destination={"ToAddresses": [recipient]},
            Message={
                "Subject": {"Data": "Your letter"},
                "Body": {"Text": {"Data": text}},
            },
        )["MessageId"]

    def sent(self):
        return float(self.ses.get_send_quota()["SentLast24Hours"])


def booked(sqs, url, message_id, event="Send", seconds=15):
    """The event about a mail that arrives in the bookkeeping queue, or None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reply = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in reply.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            try:
                body = json.loads(message["Body"])
            except ValueError:  # the topic's greeting is plain text
                continue
            if (body["eventType"], body["mail"]["messageId"]) == (event, message_id):
                return body
    return None
