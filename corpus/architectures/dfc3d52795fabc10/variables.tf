variable "region" {
  type    = string
  default = "eu-west-2"
}

variable "plans" {
  description = "Quota, rate and stages of each plan."

  type = map(object({
    quota  = number
    period = string
    burst  = number
    rate   = number
    stages = list(string)
  }))

  default = {
    sailor  = { quota = 100, period = "DAY", burst = 2, rate = 1, stages = ["live"] }
    harbour = { quota = 50000, period = "MONTH", burst = 40, rate = 20, stages = ["live", "trial"] }
  }
}

variable "customers" {
  description = "Whose key is which. Only for an emulator; pass other keys where it matters."

  type = map(object({
    plan    = string
    enabled = bool
    key     = string
  }))

  default = {
    dinghy   = { plan = "sailor", enabled = true, key = "dinghy-only-0123456789-abcdefghijk" }
    schooner = { plan = "sailor", enabled = false, key = "schooner-only-0123456789-abcdefghi" }
    pilots   = { plan = "harbour", enabled = true, key = "pilots-only-0123456789-abcdefghijk" }
  }
}

variable "tags" {
  type = map(string)

  default = {
    Project = "tides"
  }
}
