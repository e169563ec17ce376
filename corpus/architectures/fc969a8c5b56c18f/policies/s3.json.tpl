{
  "Statement": [
    {
      "Sid": "OnlyTheScans",
      "Effect": "Allow",
      "Principal": "*",
      "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
      "Resource": ["${bucket_arn}", "${bucket_arn}/*"]
    }
  ]
}
