variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "rings" {
  description = "Rings of keys: their rotation, their services, and the teams with a grant."

  type = map(object({
    rotate          = bool
    enabled         = bool
    deletion_window = number
    services        = list(string)
    teams           = list(string)
    operations      = list(string)
  }))

  default = {
    ledger = {
      rotate          = true
      enabled         = true
      deletion_window = 30
      services        = ["dynamodb"]
      teams           = ["accounts", "audit"]
      operations      = ["Decrypt"]
    }
    letters = {
      rotate          = true
      enabled         = true
      deletion_window = 14
      services        = ["s3", "sqs"]
      teams           = ["branch"]
      operations      = ["Encrypt", "Decrypt", "GenerateDataKey"]
    }
    passbooks = {
      rotate          = false
      enabled         = false
      deletion_window = 7
      services        = []
      teams           = []
      operations      = []
    }
  }
}

variable "first_year" {
  type    = number
  default = 2024
}

variable "backup_years" {
  type    = number
  default = 3
}

variable "tags" {
  type = map(string)

  default = {
    Project = "savings-bank"
  }
}
