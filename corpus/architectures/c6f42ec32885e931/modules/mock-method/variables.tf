variable "rest_api_id" {
  type = string
}

variable "resource_id" {
  type = string
}

variable "http_method" {
  type = string
}

variable "status_code" {
  type = string
}

variable "response_template" {
  description = "Body of the answer, a VTL template."
  type        = string
}

variable "api_key_required" {
  type    = bool
  default = false
}

variable "request_validator_id" {
  type    = string
  default = null
}

variable "request_models" {
  type    = map(string)
  default = {}
}

variable "request_parameters" {
  type    = map(bool)
  default = {}
}
