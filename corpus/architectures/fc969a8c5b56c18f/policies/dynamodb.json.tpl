{
  "Statement": [
    {
      "Sid": "OnlyTheCatalogue",
      "Effect": "Allow",
      "Principal": "*",
      "Action": ["dynamodb:GetItem", "dynamodb:Query"],
      "Resource": "arn:aws:dynamodb:${region}:${account}:table/catalogue-*"
    }
  ]
}
