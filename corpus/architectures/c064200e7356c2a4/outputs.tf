output "api_id" {
  value = aws_appsync_graphql_api.board.id
}

output "api_key" {
  value     = aws_appsync_api_key.villagers.key
  sensitive = true
}

output "endpoint" {
  value = aws_appsync_graphql_api.board.uris["GRAPHQL"]
}

output "tables" {
  value = { for key, table in aws_dynamodb_table.this : key => table.name }
}

output "resolvers" {
  value = local.resolvers
}
