output "loans_table" {
  value = aws_dynamodb_table.loans.name
}

output "branches_table" {
  value = aws_dynamodb_table.branches.name
}

output "stream_arn" {
  value = aws_dynamodb_table.loans.stream_arn
}
