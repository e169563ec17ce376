variable "region" {
  type    = string
  default = "eu-north-1"
}

variable "sailings" {
  description = "When a ferry leaves, where to, and who is told."

  type = map(object({
    to       = string
    schedule = string
    season   = string
    tells    = list(string)
  }))

  default = {
    gannet    = { to = "Outer Isle", schedule = "cron(0/40 6-22 * * ? *)", season = "all year", tells = ["crew", "kiosk"] }
    puffin    = { to = "Seal Rock", schedule = "cron(15 9,13,17 ? 5-9 * *)", season = "summer", tells = ["crew", "kiosk"] }
    cormorant = { to = "the depot", schedule = "rate(7 days)", season = "all year", tells = ["crew"] }
    razorbill = { to = "Lighthouse", schedule = "rate(1 hour)", season = "laid up", tells = ["kiosk"] }
  }
}

variable "excess" {
  description = "The insurer pays for damage above this."
  type        = number
  default     = 250
}

variable "tags" {
  type = map(string)

  default = {
    Project = "ferries"
  }
}
