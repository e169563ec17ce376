{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "WorkInOurRegions",
      "Effect": "Allow",
      "Action": ["s3:*", "dynamodb:*", "logs:*", "ssm:*"],
      "Resource": "*",
      "Condition": {"StringEquals": {"aws:RequestedRegion": ${jsonencode(regions)}}}
    },
    {
      "Sid": "OwnCredentials",
      "Effect": "Allow",
      "Action": ["iam:ChangePassword", "iam:*AccessKey*", "iam:*MFADevice*", "sts:*"],
      "Resource": "*"
    },
    {
      "Sid": "TheFenceStays",
      "Effect": "Deny",
      "Action": ["iam:DeletePolicy", "iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
      "Resource": "arn:aws:iam::${account_id}:policy${path}garden-boundary"
    }
  ]
}
