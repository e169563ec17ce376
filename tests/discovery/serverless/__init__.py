"""Services of the Serverless Framework."""
