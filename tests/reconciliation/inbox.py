"""Acknowledgements for tests, written by hand."""

from pathlib import Path

HEAD = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *261003*0700*^*00501*{number:09d}*0*T*:~"


class Inbox:
    """Files of acknowledgements, each with an interchange number of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = 0

    def ta1(self, code: str, note: str = "000", number: int = 1) -> Path:
        return self._write(f"TA1*{number:09d}*261002*0730*{code}*{note}~")

    def implementation(self, code: str, *sets: tuple[str, str], group: int = 1) -> Path:
        """A 999; `sets` are ST02 and IK501."""
        body = f"AK1*HC*{group}*005010X222A1~" + "".join(
            f"AK2*837*{number}*005010X222A1~{'IK3*NM1*8**8~' if verdict == 'R' else ''}IK5*{verdict}~"
            for number, verdict in sets
        )
        return self._group("FA", "999", "005010X231A1", f"{body}AK9*{code}*2*2*{2 if code == 'A' else 0}~")

    def claims(self, *said: tuple[str, str, str]) -> Path:
        """A 277CA; each CLM01, STC01 and STC02."""
        body = (
            "BHT*0085*08*X1*20261003*0700*TH~HL*1**20*1~NM1*PR*2*INVENTED PLAN*****PI*PLAN~TRN*1*T1~"
            "DTP*050*D8*20261003~DTP*009*D8*20261003~HL*2*1*21*1~NM1*41*2*LAKEVIEW*****46*SUB~TRN*2*BATCH~"
            "STC*A1:19:PR*20261003*WQ*100~HL*3*2*19*1~NM1*85*2*LAKEVIEW*****XX*1234567893~TRN*1*0~"
        )
        for place, (claim, code, day) in enumerate(said, start=4):
            body += (
                f"HL*{place}*3*PT~NM1*QC*1*MARLOWE*ADA****MI*M1001~TRN*2*{claim}~"
                f"STC*{code}*{day}*{'WQ' if code < 'A3' else 'U'}*100~REF*1K*ICN{claim}~DTP*472*D8*20260901~"
            )
        return self._group("HN", "277", "005010X214", body)

    def _group(self, kind: str, number: str, guide: str, body: str) -> Path:
        segments = body.count("~") + 2
        return self._write(
            f"GS*{kind}*PAYER*PRACTICE*20261003*0700*7*X*{guide}~ST*{number}*0001*{guide}~{body}"
            f"SE*{segments}*0001~GE*1*7~",
            groups=1,
        )

    def _write(self, body: str, groups: int = 0) -> Path:
        self.files += 1
        path = self.folder / f"in{self.files}.x12"
        path.write_text(f"{HEAD.format(number=self.files)}{body}IEA*{groups}*{self.files:09d}~")
        return path
