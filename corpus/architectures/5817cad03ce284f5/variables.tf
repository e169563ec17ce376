variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "bucket_prefix" {
  description = "The archive's name begins with it; bucket names are global."
  type        = string
  default     = "funicular-c40d"
}

variable "retention_days" {
  description = "How long each log group keeps its lines."
  type        = map(number)
  default = {
    cabins  = 30
    winch   = 365
    tickets = 7
  }
}

variable "stations" {
  type = map(object({ title = string, platform_places = number }))
  default = {
    valley = { title = "Valley station", platform_places = 120 }
    summit = { title = "Summit station", platform_places = 45 }
  }
}

variable "stop_ratio_percent" {
  type    = number
  default = 2
}

variable "slippage_limit" {
  description = "So many slips in a minute are too many."
  type        = number
  default     = 3
}

variable "tags" {
  type = map(string)
  default = {
    Line = "funicular"
  }
}
