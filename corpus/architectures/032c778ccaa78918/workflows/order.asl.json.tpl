{
  "Comment": "From an order to a pizza on its way",
  "StartAt": "Validate",
  "States": {
    "Validate": {
      "Type": "Choice",
      "Choices": [
        {
          "Not": { "Variable": "$.pizza", "IsPresent": true },
          "Next": "NothingOrdered"
        },
        {
          "Variable": "$.count",
          "NumericGreaterThan": ${max_pizzas},
          "Next": "TooMany"
        },
%{ for pizza, price in prices ~}
        {
          "Variable": "$.pizza",
          "StringEquals": "${pizza}",
          "Next": "Price_${pizza}"
        }%{ if pizza != keys(prices)[length(prices) - 1] },%{ endif }
%{ endfor ~}
      ],
      "Default": "NotOnTheMenu"
    },
%{ for pizza, price in prices ~}
    "Price_${pizza}": {
      "Type": "Pass",
      "Result": ${price},
      "ResultPath": "$.unit_price",
      "Next": "Dispatch"
    },
%{ endfor ~}
    "Dispatch": {
      "Type": "Parallel",
      "ResultPath": "$.tickets",
      "Catch": [
        { "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "ReportFailure" }
      ],
      "Branches": [
        {
          "StartAt": "TellKitchen",
          "States": {
            "TellKitchen": {
              "Type": "Task",
              "Resource": "arn:aws:states:::sqs:sendMessage",
              "Parameters": {
                "QueueUrl": "${kitchen_url}",
                "MessageBody": { "order_id.$": "$.order_id", "pizza.$": "$.pizza", "count.$": "$.count" }
              },
              "ResultSelector": { "ticket.$": "$.MessageId" },
              "Retry": [
                { "ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2 }
              ],
              "End": true
            }
          }
        },
        {
          "StartAt": "TellCourier",
          "States": {
            "TellCourier": {
              "Type": "Task",
              "Resource": "arn:aws:states:::sqs:sendMessage",
              "Parameters": {
                "QueueUrl": "${courier_url}",
                "MessageBody": { "order_id.$": "$.order_id", "address.$": "$.address" }
              },
              "ResultSelector": { "ticket.$": "$.MessageId" },
              "End": true
            }
          }
        }
      ],
      "Next": "Accepted"
    },
    "Accepted": {
      "Type": "Pass",
      "Parameters": {
        "order_id.$": "$.order_id",
        "unit_price.$": "$.unit_price",
        "tickets.$": "$.tickets[*].ticket"
      },
      "End": true
    },
    "NotOnTheMenu": {
      "Type": "Pass",
      "Result": { "Error": "NotOnTheMenu" },
      "ResultPath": "$.error",
      "Next": "ReportFailure"
    },
    "ReportFailure": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sns:publish",
      "Parameters": {
        "TopicArn": "${failure_topic}",
        "Message": { "order_id.$": "$.order_id", "reason.$": "$.error.Error" }
      },
      "ResultPath": null,
      "Next": "OrderFailed"
    },
    "OrderFailed": { "Type": "Fail", "Error": "OrderFailed", "Cause": "The customer gets a refund" },
    "NothingOrdered": { "Type": "Fail", "Error": "NothingOrdered", "Cause": "The order names no pizza" },
    "TooMany": { "Type": "Fail", "Error": "TooMany", "Cause": "At most ${max_pizzas} pizzas per order" }
  }
}
