variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "bucket_prefix" {
  description = "The lake's name begins with it; bucket names are global."
  type        = string
  default     = "bird-radar-83ac"
}

variable "flyways" {
  description = "The species of each flyway; each flyway is a layer of the lake."
  type        = map(list(string))
  default = {
    atlantic = ["swallow", "knot", "wheatear"]
    baltic   = ["crane", "long-tailed-duck"]
  }
}

variable "keep_days" {
  description = "How long the lake keeps the sightings of a flyway."
  type        = number
  default     = 400
}

variable "keep_strays_days" {
  type    = number
  default = 30
}

variable "tags" {
  type = map(string)
  default = {
    Project = "bird-radar"
  }
}
