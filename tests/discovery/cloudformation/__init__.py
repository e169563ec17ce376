"""CloudFormation and SAM become Terraform."""
