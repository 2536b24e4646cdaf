"""What if: the class changes the history or the weights of its scenario and sees many worlds drawn
anew. Positions, drawings and branches are plain values. Imports the plan and the record of a
lesson, and the rooms below.
"""
