"""Look pages up as the website endpoint does: index documents, redirects, error page."""

from botocore.exceptions import ClientError


class Site:
    def __init__(self, s3, bucket):
        self.s3 = s3
        self.bucket = bucket
        self.settings = s3.get_bucket_website(Bucket=bucket)

    def visit(self, path):
        """Status, key and body of the page that a visitor of this path sees."""
        key = self.redirect(path.lstrip("/"))
        if not key or key.endswith("/"):
            key += self.settings["IndexDocument"]["Suffix"]
        try:
            return 200, key, self.read(key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
        key = self.settings["ErrorDocument"]["Key"]
        return 404, key, self.read(key)

    def redirect(self, key):
        for rule in self.settings.get("RoutingRules", []):
            prefix = rule["Condition"]["KeyPrefixEquals"]
            if key.startswith(prefix):
                return rule["Redirect"]["ReplaceKeyPrefixWith"] + key[len(prefix) :]
        return key

    def read(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()
