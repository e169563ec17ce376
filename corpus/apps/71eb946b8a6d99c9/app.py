"""Settings by path, credentials by secret, and small notes sealed with the key."""

import json


def load_settings(ssm, path):
    """All settings below the path, decrypted, keyed by the rest of their name."""
    settings = {}
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=path, Recursive=True, WithDecryption=True
    )
    for page in pages:
        for parameter in page["Parameters"]:
            value = parameter["Value"]
            if parameter["Type"] == "StringList":
                value = value.split(",")
            settings[parameter["Name"].removeprefix(path + "/")] = value
    return settings


def credentials(secretsmanager, secret, stage="AWSCURRENT"):
    reply = secretsmanager.get_secret_value(SecretId=secret, VersionStage=stage)
    return json.loads(reply["SecretString"])


def rotate(secretsmanager, secret, password):
    """Replace the password; the former one stays available as AWSPREVIOUS."""
    value = {**credentials(secretsmanager, secret), "password": password}
    return secretsmanager.put_secret_value(
        SecretId=secret, SecretString=json.dumps(value)
    )["VersionId"]


def seal(kms, key, note, reader):
    """Encrypt a note so that only calls on behalf of the reader can open it."""
    return kms.encrypt(
        KeyId=key, Plaintext=note.encode(), EncryptionContext={"reader": reader}
    )["CiphertextBlob"]


def unseal(kms, blob, reader):
    reply = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"reader": reader})
    return reply["Plaintext"].decode()
