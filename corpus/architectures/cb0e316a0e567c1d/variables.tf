variable "region" {
  type    = string
  default = "eu-west-3"
}

variable "environment" {
  type    = string
  default = "live"
}

variable "secrets" {
  description = "What each secret is for."
  type        = map(string)
  default = {
    feeder    = "The account of the feeding robots"
    ticketing = "The token of the ticket office"
  }
}

variable "feeder_passwords" {
  description = "Examples; give real ones when you deploy."
  type        = object({ current = string, candidate = string })
  sensitive   = true
  default = {
    current   = "two-herrings-a-day"
    candidate = "three-herrings-a-day"
  }
}

variable "webhook_secret" {
  type      = string
  sensitive = true
  default   = "ring-the-bell-twice"
}

variable "rotation_schedule" {
  type    = string
  default = "cron(0 3 ? * SUN *)"
}

variable "reef_species" {
  type    = list(string)
  default = ["clownfish", "blue tang", "cleaner shrimp"]
}

variable "kelp_species" {
  type    = list(string)
  default = ["leopard shark", "garibaldi"]
}

variable "tags" {
  type = map(string)
  default = {
    House = "aquarium"
  }
}
