output "bucket" {
  value = aws_s3_bucket.notes.id
}

output "table" {
  value = aws_dynamodb_table.index.name
}

output "function_name" {
  value = aws_lambda_function.indexer.function_name
}
