{"sell": "${ferry}", "text": "The ${ferry} leaves for ${to}", "timetable": <rule>}
