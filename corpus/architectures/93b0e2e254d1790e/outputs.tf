output "root_id" {
  value = aws_organizations_organization.university.roots[0].id
}

output "schools" {
  value = { for name, unit in aws_organizations_organizational_unit.school : name => unit.id }
}

output "faculties" {
  value = { for name, unit in aws_organizations_organizational_unit.faculty : name => unit.id }
}

output "attachments" {
  value = keys(local.attachments)
}

output "detector_id" {
  value = aws_guardduty_detector.main.id
}
