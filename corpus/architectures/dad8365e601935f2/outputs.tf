output "domain" {
  value = aws_ses_domain_identity.letter.domain
}

output "senders" {
  value = { for name, identity in aws_ses_email_identity.sender : name => identity.email }
}

output "templates" {
  value = { for name, template in aws_ses_template.letter : name => template.name }
}

output "dkim_tokens" {
  value = aws_ses_domain_dkim.letter.dkim_tokens
}

output "configuration_set" {
  value = aws_ses_configuration_set.letter.name
}

output "bookkeeping_url" {
  value = aws_sqs_queue.bookkeeping.id
}
