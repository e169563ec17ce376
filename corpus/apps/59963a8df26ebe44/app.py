"""Admit people to the climbing club, and let them sign in."""

import base64
import json
from uuid import uuid4

PASSWORD = "Carabiner-and-rope-9"


class Club:
    def __init__(self, idp, pool, client):
        self.idp = idp
        self.pool = pool
        self.client = client
        self.admitted = []

    def admit(self, *groups, password=PASSWORD):
        """A new member of these groups who has chosen a password; the address."""
        email = f"{uuid4()}@climbing.example"
        self.idp.admin_create_user(
            UserPoolId=self.pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "custom:grade", "Value": "VI+"},
            ],
        )
        self.admitted.append(email)
        self.idp.admin_set_user_password(
            UserPoolId=self.pool, Username=email, Password=password, Permanent=True
        )
        for group in groups:
            self.idp.admin_add_user_to_group(
                UserPoolId=self.pool, Username=email, GroupName=group
            )
        return email

    def sign_in(self, email, password=PASSWORD):
        reply = self.idp.admin_initiate_auth(
            UserPoolId=self.pool,
            ClientId=self.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        return reply["AuthenticationResult"]

    def groups_of(self, email):
        reply = self.idp.admin_list_groups_for_user(
            UserPoolId=self.pool, Username=email
        )
        return {group["GroupName"]: group for group in reply["Groups"]}

    def forget_all(self):
        for email in self.admitted:
            self.idp.admin_delete_user(UserPoolId=self.pool, Username=email)


def claims(token):
    """What a token says; its signature is not looked at."""
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
