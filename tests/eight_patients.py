"""A short file of eight patients in two groups, to be changed by tests."""

GOOD = """statistic,arguments,printed
count,,8
count,event=True,4
minimum,column=time,9
maximum,column=time,69
survival,at=12,87.5
survival,at=48,50.0
count,g=a,4
count,g=b,4
survival,at=48; g=a,75.0
survival,at=48; g=b,25.0
"""
