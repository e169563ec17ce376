output "domains" {
  value = { for name, domain in aws_ses_domain_identity.this : name => domain.arn }
}

output "dns_records" {
  description = "What has to be in the DNS of each domain, besides its verification."
  value = {
    for name in var.domains : name => {
      dkim   = [for token in aws_ses_domain_dkim.this[name].dkim_tokens : "${token}._domainkey"]
      bounce = aws_ses_domain_mail_from.this[name].mail_from_domain
    }
  }
}

output "desks" {
  value = keys(aws_ses_email_identity.desk)
}

output "templates" {
  value = { for name, template in aws_ses_template.answer : name => template.name }
}

output "configuration_set" {
  value = aws_ses_configuration_set.answers.name
}

output "rule_set" {
  value = aws_ses_receipt_rule_set.office.rule_set_name
}

output "mail_bucket" {
  value = aws_s3_bucket.mail.id
}

output "topic_arns" {
  value = { for name, topic in aws_sns_topic.this : name => topic.arn }
}

output "clerks_queue_url" {
  value = aws_sqs_queue.clerks.id
}
