{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "CallTheCues",
      "Effect": "Allow",
      "Action": "sns:Publish",
      "Resource": "arn:aws:sns:${region}:${account}:theatre-*"
    }
  ]
}
