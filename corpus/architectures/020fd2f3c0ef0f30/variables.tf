variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "valley" {
  type    = string
  default = "inntal"
}

variable "own_stations" {
  description = "Stations of this valley; readings of others are passed on."
  type        = list(string)
  default     = ["hut", "ridge", "lift"]
}

variable "frost_below" {
  description = "Degrees Celsius."
  type        = number
  default     = 0
}

variable "tags" {
  type = map(string)

  default = {
    Project = "avalanche"
  }
}
