{
  "Comment": "One watering round through the beds of a greenhouse",
  "StartAt": "AnythingToDo",
  "TimeoutSeconds": 300,
  "States": {
    "AnythingToDo": {
      "Type": "Choice",
      "Choices": [
        {
          "And": [
            { "Variable": "$.beds[0]", "IsPresent": true },
            { "Variable": "$.round", "IsString": true }
          ],
          "Next": "Beds"
        }
      ],
      "Default": "NothingToDo"
    },
    "NothingToDo": {
      "Type": "Fail",
      "Error": "NothingToDo",
      "Cause": "A round needs a name and at least one bed"
    },
    "Beds": {
      "Type": "Map",
      "ItemsPath": "$.beds",
      "MaxConcurrency": ${at_once},
      "Parameters": {
        "round.$": "$.round",
        "position.$": "$$.Map.Item.Index",
        "bed.$": "$$.Map.Item.Value.bed",
        "moisture.$": "$$.Map.Item.Value.moisture"
      },
      "Iterator": {
        "StartAt": "Look",
        "States": {
          "Look": {
            "Type": "Choice",
            "Choices": [
              {
                "Or": [
                  { "Variable": "$.moisture", "NumericLessThan": 0 },
                  { "Variable": "$.moisture", "NumericGreaterThan": 100 }
                ],
                "Next": "BadReading"
              },
              {
                "Variable": "$.moisture",
                "NumericLessThan": ${dry_below},
                "Next": "Remember"
              }
            ],
            "Default": "MoistEnough"
          },
          "BadReading": {
            "Type": "Fail",
            "Error": "BadReading",
            "Cause": "Moisture is a percentage"
          },
          "MoistEnough": {
            "Type": "Pass",
            "Parameters": { "bed.$": "$.bed", "done": "left alone" },
            "End": true
          },
          "Remember": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {
              "TableName": "${watered_table}",
              "ConditionExpression": "attribute_not_exists(bed)",
              "Item": {
                "round": { "S.$": "$.round" },
                "bed": { "S.$": "$.bed" },
                "moisture": { "N.$": "States.Format('{}', $.moisture)" }
              }
            },
            "ResultPath": null,
            "Catch": [
              {
                "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"],
                "ResultPath": "$.failure",
                "Next": "WateredBefore"
              }
            ],
            "Next": "Water"
          },
          "WateredBefore": {
            "Type": "Pass",
            "Parameters": { "bed.$": "$.bed", "done": "watered before" },
            "End": true
          },
          "Water": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {
              "QueueUrl": "${water_url}",
              "MessageBody": {
                "round.$": "$.round",
                "bed.$": "$.bed",
                "position.$": "$.position"
              }
            },
            "ResultPath": null,
            "Next": "Watered"
          },
          "Watered": {
            "Type": "Pass",
            "Parameters": { "bed.$": "$.bed", "done": "watered" },
            "End": true
          }
        }
      },
      "ResultPath": "$.results",
      "Next": "Settle"
    },
    "Settle": {
      "Type": "Wait",
      "Seconds": ${settle_seconds},
      "Next": "Report"
    },
    "Report": {
      "Type": "Parallel",
      "Branches": [
        {
          "StartAt": "WriteDown",
          "States": {
            "WriteDown": {
              "Type": "Task",
              "Resource": "arn:aws:states:::dynamodb:putItem",
              "Parameters": {
                "TableName": "${rounds_table}",
                "Item": {
                  "round": { "S.$": "$.round" },
                  "beds": { "N.$": "States.Format('{}', States.ArrayLength($.results))" },
                  "results": { "S.$": "States.JsonToString($.results)" }
                }
              },
              "ResultSelector": { "table": "${rounds_table}" },
              "End": true
            }
          }
        },
        {
          "StartAt": "TellTheGardener",
          "States": {
            "TellTheGardener": {
              "Type": "Task",
              "Resource": "arn:aws:states:::sqs:sendMessage",
              "Parameters": {
                "QueueUrl": "${report_url}",
                "MessageBody": {
                  "round.$": "$.round",
                  "done.$": "$.results[*].done"
                }
              },
              "ResultSelector": { "message.$": "$.MessageId" },
              "End": true
            }
          }
        }
      ],
      "ResultPath": "$.report",
      "End": true
    }
  }
}
