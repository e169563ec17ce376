{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ConfigLooksAtTheBucket",
      "Effect": "Allow",
      "Principal": { "Service": "config.amazonaws.com" },
      "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
      "Resource": "${bucket_arn}",
      "Condition": { "StringEquals": { "AWS:SourceAccount": "${account}" } }
    },
    {
      "Sid": "ConfigDelivers",
      "Effect": "Allow",
      "Principal": { "Service": "config.amazonaws.com" },
      "Action": "s3:PutObject",
      "Resource": "${bucket_arn}/${prefix}/AWSLogs/${account}/Config/*",
      "Condition": {
        "StringEquals": {
          "s3:x-amz-acl": "bucket-owner-full-control",
          "AWS:SourceAccount": "${account}"
        }
      }
    }
  ]
}
