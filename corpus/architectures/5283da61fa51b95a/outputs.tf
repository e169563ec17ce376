output "bucket" {
  value = aws_s3_bucket.lake.id
}

output "database" {
  value = aws_glue_catalog_database.market.name
}

output "tables" {
  value = { for name, table in local.tables : name => table.partitions }
}

output "crawler" {
  value = aws_glue_crawler.raw.name
}

output "workgroups" {
  value = { for key, group in aws_athena_workgroup.this : key => group.name }
}

output "query_ids" {
  value = { for file, query in aws_athena_named_query.this : query.name => query.id }
}
