{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "BucketMayPublish",
      "Effect": "Allow",
      "Principal": { "Service": "s3.amazonaws.com" },
      "Action": "sns:Publish",
      "Resource": "${topic}",
      "Condition": {
        "ArnEquals": { "aws:SourceArn": "${bucket}" },
        "StringEquals": { "aws:SourceAccount": "${account}" }
      }
    }
  ]
}
